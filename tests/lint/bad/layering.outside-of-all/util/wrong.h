#ifndef UTIL_WRONG_H
#define UTIL_WRONG_H

struct thing;

#endif
