#include <string.h>

#include "tools/wrong.h"
