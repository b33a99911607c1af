/* sqlite - what others know of a store in a folder; everything else is in store.h. */
#ifndef SERVER_STORE_SQLITE_H
#define SERVER_STORE_SQLITE_H

/* The database in the folder. */
#define SQLITE_FILE_NAME "tutti.db"

#endif
