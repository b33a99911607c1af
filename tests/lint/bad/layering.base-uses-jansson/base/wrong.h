#ifndef BASE_WRONG_H
#define BASE_WRONG_H

#include <jansson.h>

#endif
