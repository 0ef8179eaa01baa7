//! Name servers over UDP and TCP, each with the answers of a function.

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, NS, SOA, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use lgtm_runtime::Tasks;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

pub type Answers = fn(&mut Message);

fn reply(question: &[u8], answers: Answers) -> Option<Vec<u8>> {
    let mut message = Message::from_vec(question).ok()?;
    message.metadata.message_type = MessageType::Response;
    answers(&mut message);
    message.to_vec().ok()
}

pub async fn udp(tasks: &Tasks, answers: Answers) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tasks.spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((count, from)) = socket.recv_from(&mut buffer).await {
            if let Some(answer) = reply(&buffer[..count], answers) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    address
}

pub async fn tcp(tasks: &Tasks, answers: Answers) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Ok(length) = stream.read_u16().await else { continue };
            let mut question = vec![0; usize::from(length)];
            if stream.read_exact(&mut question).await.is_err() {
                continue;
            }
            if let Some(answer) = reply(&question, answers) {
                let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                let _ = stream.write_all(&[&length[..], &answer].concat()).await;
            }
        }
    });
    address
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn address(owner: &str, ttl: u32, ip: [u8; 4]) -> Record {
    Record::from_rdata(name(owner), ttl, RData::A(A::new(ip[0], ip[1], ip[2], ip[3])))
}

/// Two addresses for whoever lets it ask others.
pub fn recursive(message: &mut Message) {
    if !message.metadata.recursion_desired {
        message.metadata.response_code = ResponseCode::Refused;
        return;
    }
    message.add_answer(address("example.com.", 3600, [127, 0, 0, 1]));
    message.add_answer(address("example.com.", 3600, [127, 0, 0, 2]));
}

/// One answer that fits the question, two name servers, three addresses of them.
pub fn authoritative(message: &mut Message) {
    let question = message.queries[0].clone();
    let answer = if question.query_type() == RecordType::SOA {
        let soa = SOA::new(name("ns.example.com."), name("noc.example.com."), 1000, 7200, 3600, 1_209_600, 3600);
        Record::from_rdata(name("example.com."), 3600, RData::SOA(soa))
    } else if question.query_class() == DNSClass::CH {
        let text = RData::TXT(TXT::new(vec!["goCHAOS".to_owned()]));
        let mut record = Record::from_rdata(name("example.com."), 3600, text);
        record.dns_class = DNSClass::CH;
        record
    } else {
        address("example.com.", 3600, [127, 0, 0, 1])
    };
    message.add_answer(answer);
    for server in ["ns1.isp.net.", "ns2.isp.net."] {
        message.add_authority(Record::from_rdata(name("example.com."), 7200, RData::NS(NS(name(server)))));
    }
    message.add_additional(address("ns1.isp.net.", 7200, [127, 0, 0, 1]));
    let v6 = RData::AAAA(AAAA::new(0, 0, 0, 0, 0, 0, 0, 1));
    message.add_additional(Record::from_rdata(name("ns1.isp.net."), 7200, v6));
    message.add_additional(address("ns2.isp.net.", 7200, [127, 0, 0, 2]));
}

/// Nothing but a complaint.
pub fn failing(message: &mut Message) {
    message.metadata.response_code = ResponseCode::ServFail;
}
