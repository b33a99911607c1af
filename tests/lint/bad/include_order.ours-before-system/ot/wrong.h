#ifndef OT_WRONG_H
#define OT_WRONG_H

#include "ot/type.h"

#include <stdint.h>

#endif
