#ifndef WRONG_H
#define WRONG_H

struct thing;

#endif
