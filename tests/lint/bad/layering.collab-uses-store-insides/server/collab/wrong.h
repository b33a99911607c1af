#ifndef SERVER_COLLAB_WRONG_H
#define SERVER_COLLAB_WRONG_H

#include "server/store/sqlite.h"

#endif
