#ifndef OT_WRONG_H
#define OT_WRONG_H

#include "type.h"

#endif
