#ifndef OT_ROPE_TREE_H
#define OT_ROPE_TREE_H

struct thing;

#endif
