#ifndef OT_TIE_H
#define OT_TIE_H

struct thing;

#endif
