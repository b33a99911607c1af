#ifndef OT_WRONG_H
#define OT_WRONG_H

#include "protocol/native.h"

#endif
