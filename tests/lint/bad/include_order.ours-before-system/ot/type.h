#ifndef OT_TYPE_H
#define OT_TYPE_H

struct thing;

#endif
