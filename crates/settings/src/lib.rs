//! YAML settings with positions, all problems at once, secrets by path.
