#ifndef SERVER_STORE_WRONG_H
#define SERVER_STORE_WRONG_H

#include "server/net/loop.h"

#endif
