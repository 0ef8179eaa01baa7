//! Lets the crate compile before the web app was built: the folder that is embedded must exist, empty if need be.

use std::path::Path;

fn main() {
    let dist = Path::new("../../ui/dist");
    if let Err(error) = std::fs::create_dir_all(dist) {
        println!("cargo::error=cannot create {}: {error}", dist.display());
    }
    // A file that appears in the folder changes what is embedded.
    println!("cargo::rerun-if-changed=../../ui/dist");
}
