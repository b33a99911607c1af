#ifndef OT_WRONG_H
#define OT_WRONG_H

#include <string.h>
#include <stdint.h>

#endif
