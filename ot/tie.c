#include "ot/tie.h"

enum tie_rule tie_rule_native(const struct type *type)
{
    return type->who_breaks_ties ? TIE_WHO : TIE_LATER;
}

enum side tie_side(const struct type *type, enum tie_rule rule, struct span who,
                   struct span other_who)
{
    if (!span_present(other_who))
        return SIDE_SECOND;
    if (rule == TIE_LATER)
        return type->left;
    return span_compare(who, other_who) < 0 ? SIDE_FIRST : SIDE_SECOND;
}
