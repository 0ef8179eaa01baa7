//! Host metrics under node-exporter's names.
