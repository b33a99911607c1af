#ifndef PROTOCOL_WRONG_H
#define PROTOCOL_WRONG_H

#include "ot/type.h"

#endif
