//! The env file: read line by line, written atomically, everything else in it left as it was.
