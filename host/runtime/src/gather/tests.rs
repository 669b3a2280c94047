//! What is gathered and what streams, with time paused.

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use http_body_util::StreamBody;

use super::*;

type Sender = mpsc::Sender<Result<Frame<Bytes>, BoxError>>;

fn streamed() -> (Sender, Response) {
    let (sender, receiver) = mpsc::channel(4);
    (sender, Response::new(StreamBody::new(receiver).boxed_unsync()))
}

#[expect(clippy::unnecessary_wraps, reason = "an item of the stream")]
fn data(bytes: &'static [u8]) -> Result<Frame<Bytes>, BoxError> {
    Ok(Frame::data(Bytes::from_static(bytes)))
}

async fn whole(response: Response) -> Result<Bytes, BoxError> {
    response.into_body().collect().await.map(http_body_util::Collected::to_bytes)
}

#[tokio::test(start_paused = true)]
async fn a_small_complete_answer_leaves_in_one_piece_with_its_length() {
    let (mut sender, response) = streamed();
    for piece in [&b"one "[..], b"two ", b"three"] {
        sender.send(data(piece)).await.unwrap();
    }
    drop(sender);
    let response = gather(response).await.unwrap();
    assert_eq!(response.body().size_hint().exact(), Some(13));
    assert_eq!(whole(response).await.unwrap(), "one two three");
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_streams_after_a_millisecond_with_nothing_lost() {
    let (mut sender, response) = streamed();
    sender.send(data(b"early ")).await.unwrap();
    let started = tokio::time::Instant::now();
    let response = gather(response).await.unwrap();
    assert_eq!(started.elapsed(), GATHER_LIMIT);
    assert_eq!(response.body().size_hint().exact(), None);
    sender.send(data(b"late")).await.unwrap();
    drop(sender);
    assert_eq!(whole(response).await.unwrap(), "early late");
}

#[tokio::test(start_paused = true)]
async fn a_large_answer_streams_at_once() {
    static PIECE: [u8; GATHER_MAX] = [b'x'; GATHER_MAX];
    let (mut sender, response) = streamed();
    sender.send(data(&PIECE)).await.unwrap();
    let started = tokio::time::Instant::now();
    let response = gather(response).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    sender.send(data(b"end")).await.unwrap();
    drop(sender);
    assert_eq!(whole(response).await.unwrap().len(), GATHER_MAX + 3);
}

#[tokio::test(start_paused = true)]
async fn a_fault_before_anything_left_is_the_answer() {
    let fault = Fault::ResponseTooLarge { component: "c".to_owned(), limit_bytes: 1 };
    let (mut sender, response) = streamed();
    sender.send(data(b"x")).await.unwrap();
    sender.send(Err(fault.clone().into())).await.unwrap();
    assert_eq!(gather(response).await.err(), Some(fault));
}

#[tokio::test(start_paused = true)]
async fn any_other_break_still_breaks_the_stream() {
    let (mut sender, response) = streamed();
    sender.send(data(b"half")).await.unwrap();
    sender.send(Err("gone".into())).await.unwrap();
    let response = gather(response).await.unwrap();
    assert_eq!(whole(response).await.unwrap_err().to_string(), "gone");
}

#[tokio::test(start_paused = true)]
async fn trailers_come_last() {
    let (mut sender, response) = streamed();
    sender.send(data(b"body")).await.unwrap();
    let mut trailers = http::HeaderMap::new();
    trailers.insert("x-sum", http::HeaderValue::from_static("1"));
    sender.send(Ok(Frame::trailers(trailers))).await.unwrap();
    drop(sender);
    let body = gather(response).await.unwrap().into_body();
    let frames: Vec<_> = StreamExt::collect(http_body_util::BodyStream::new(body)).await;
    let [body, trailers] = <[_; 2]>::try_from(frames).unwrap().map(Result::unwrap);
    assert_eq!(body.into_data().unwrap(), "body");
    assert_eq!(trailers.into_trailers().unwrap().len(), 1);
}
