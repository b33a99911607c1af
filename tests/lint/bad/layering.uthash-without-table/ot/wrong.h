#ifndef OT_WRONG_H
#define OT_WRONG_H

#include <uthash.h>

#endif
