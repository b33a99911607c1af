static const int b;
