#ifndef OT_WRONG_H
#define OT_WRONG_H

#include <string.h>
#include <jansson.h>

#endif
