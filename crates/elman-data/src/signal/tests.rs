mod archive;
mod arrays;
mod files;
mod long;
mod numbers;
mod wide;
