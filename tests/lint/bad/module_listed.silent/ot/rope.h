#ifndef OT_ROPE_H
#define OT_ROPE_H

struct thing;

#endif
