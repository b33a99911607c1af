#ifndef BASE_WRONG_H
#define BASE_WRONG_H

#include "ot/type.h"

#endif
