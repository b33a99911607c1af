#ifndef OT_WRONG_H
#define OT_WRONG_H

#include <stdio.h>

#endif
