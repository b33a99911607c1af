#ifndef OT_WRONG_H
#define OT_WRONG_H

#include <time.h>

#endif
