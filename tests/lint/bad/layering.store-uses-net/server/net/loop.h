#ifndef SERVER_NET_LOOP_H
#define SERVER_NET_LOOP_H

struct thing;

#endif
