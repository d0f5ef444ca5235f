mod folder;
mod moving;
mod shapes;
