#ifndef SERVER_COLLAB_WRONG_H
#define SERVER_COLLAB_WRONG_H

#include <sys/socket.h>

#endif
