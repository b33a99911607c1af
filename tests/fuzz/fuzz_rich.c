/* fuzz_rich - whatever rich accepts obeys its laws. See type_laws.h for the input. */
#include "tests/fuzz/type_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return laws_fuzz(&type_rich, data, size);
}
