static const int wrong;
