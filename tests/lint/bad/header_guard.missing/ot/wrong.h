struct thing;
