#ifndef SERVER_STORE_SQLITE_H
#define SERVER_STORE_SQLITE_H

struct thing;

#endif
