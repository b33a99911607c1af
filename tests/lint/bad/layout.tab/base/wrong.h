#ifndef BASE_WRONG_H
#define BASE_WRONG_H

struct wrong {
	int value;
};

#endif
