//! What the shop consists of: which services an endpoint passes through, how long each takes, what it asks its database.

/// One service's part in answering a request.
#[derive(Debug)]
pub struct Hop {
    /// The `service.name`.
    pub service: &'static str,
    /// The span's name.
    pub operation: &'static str,
    /// Its own work, in milliseconds, on a good day.
    pub work_ms: (u64, u64),
    /// The statement of its `db.query`, if it has a database.
    pub statement: Option<&'static str>,
}

/// One endpoint of the gateway.
#[derive(Debug)]
pub struct Endpoint {
    /// The path as clients ask for it.
    pub path: &'static str,
    /// The method that clients use.
    pub method: &'static str,
    /// Its share of the traffic, relative to the others.
    pub weight: u64,
    /// Share of requests that fail on a good day.
    pub error_ratio: f64,
    /// The services behind the gateway, each called by the one before it.
    pub hops: &'static [Hop],
}

/// The gateway's own work, in milliseconds.
pub const GATEWAY_WORK_MS: (u64, u64) = (1, 4);

/// How long a `db.query` takes on a good day, in milliseconds.
pub const QUERY_MS: (u64, u64) = (3, 25);

const PAY: Hop = Hop {
    service: "payments",
    operation: "payments.authorize",
    work_ms: (4, 18),
    statement: Some("INSERT INTO payments (order_id, amount, currency) VALUES ($1, $2, $3)"),
};

/// All endpoints.
pub const ENDPOINTS: [Endpoint; 5] = [
    Endpoint {
        path: "/api/checkout",
        method: "POST",
        weight: 20,
        error_ratio: 0.004,
        hops: &[
            Hop { service: "checkout", operation: "checkout.place_order", work_ms: (3, 12), statement: None },
            Hop {
                service: "payments",
                operation: "payments.charge",
                work_ms: (4, 16),
                statement: Some("SELECT * FROM orders WHERE cart_id = $1 FOR UPDATE"),
            },
        ],
    },
    Endpoint { path: "/api/payments", method: "POST", weight: 10, error_ratio: 0.003, hops: &[PAY] },
    Endpoint {
        path: "/api/catalogue",
        method: "GET",
        weight: 40,
        error_ratio: 0.001,
        hops: &[Hop {
            service: "catalogue",
            operation: "catalogue.list",
            work_ms: (2, 9),
            statement: Some("SELECT id, name, price FROM products WHERE category = $1 LIMIT 50"),
        }],
    },
    Endpoint {
        path: "/api/users",
        method: "GET",
        weight: 20,
        error_ratio: 0.001,
        hops: &[Hop {
            service: "users",
            operation: "users.profile",
            work_ms: (2, 8),
            statement: Some("SELECT * FROM users WHERE id = $1"),
        }],
    },
    Endpoint {
        path: "/api/cart",
        method: "GET",
        weight: 10,
        error_ratio: 0.001,
        hops: &[
            Hop { service: "checkout", operation: "checkout.cart", work_ms: (1, 5), statement: None },
            Hop {
                service: "catalogue",
                operation: "catalogue.prices",
                work_ms: (1, 6),
                statement: Some("SELECT id, price FROM products WHERE id = ANY($1)"),
            },
        ],
    },
];

/// All services, the gateway first.
pub const SERVICES: [&str; 5] = ["gateway", "checkout", "payments", "catalogue", "users"];

/// The endpoint under `path`.
pub fn endpoint(path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hop_belongs_to_a_service_and_every_endpoint_asks_a_database() {
        for endpoint in &ENDPOINTS {
            assert!(endpoint.hops.iter().all(|hop| SERVICES.contains(&hop.service)));
            assert!(endpoint.hops.iter().any(|hop| hop.statement.is_some()), "{}", endpoint.path);
        }
    }
}
