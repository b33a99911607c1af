#ifndef OT_WRONG_H
#define OT_WRONG_H

#include <event2/event.h>

#endif
