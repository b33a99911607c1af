#ifndef TOOLS_WRONG_H
#define TOOLS_WRONG_H

struct thing;

#endif
