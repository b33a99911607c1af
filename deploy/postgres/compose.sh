#!/bin/sh
# Run once by PostgreSQL's container, when its database is made.
psql -v ON_ERROR_STOP=1 -v password="$POSTGRES_PASSWORD" -U postgres -d "$POSTGRES_DB" \
    -f /roles/roles.sql
