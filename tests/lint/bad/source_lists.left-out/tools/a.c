static const int a;
