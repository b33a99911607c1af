-- Two roles of a database for Tutti, made by a superuser in that database:
--
--   psql -v password=… -f roles.sql postgres://postgres@…/tutti
--
-- tutti_owner runs `tutti store migrate` and owns the tables; tutti_node is what nodes log in as: it
-- reads and writes rows, and can neither change a table nor empty one at once.

CREATE ROLE tutti_owner LOGIN PASSWORD :'password';
CREATE ROLE tutti_node LOGIN PASSWORD :'password';

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO tutti_owner;
GRANT USAGE ON SCHEMA public TO tutti_node;

-- Of the tables that migrations make, now and later.
ALTER DEFAULT PRIVILEGES FOR ROLE tutti_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO tutti_node;
