# Files that are copied as they are.
cp static/* out/
