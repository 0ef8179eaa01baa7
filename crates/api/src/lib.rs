//! One module per compatible surface.
