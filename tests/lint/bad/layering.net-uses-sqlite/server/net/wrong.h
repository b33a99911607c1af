#ifndef SERVER_NET_WRONG_H
#define SERVER_NET_WRONG_H

#include <sqlite3.h>

#endif
