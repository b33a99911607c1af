#ifndef PROTOCOL_NATIVE_H
#define PROTOCOL_NATIVE_H

struct thing;

#endif
