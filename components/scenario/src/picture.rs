//! The picture that files of the story show: a screen with a stain, drawn here, so that no binary lies in the
//! repository.

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;

/// Red, green and blue of the colours: case, screen, stain.
const PALETTE: [u8; 9] = [0x2f, 0x36, 0x40, 0xdf, 0xe6, 0xee, 0xb0, 0x6f, 0x4e];

/// A PNG of 96 by 64 pixels.
///
/// # Source
/// PNG (third edition), zlib (RFC 1950) with stored blocks (RFC 1951 section 3.2.4).
pub fn picture() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    // Eight bits a pixel, colours of a palette, no interlacing.
    let header = [&WIDTH.to_be_bytes()[..], &HEIGHT.to_be_bytes(), &[8, 3, 0, 0, 0]].concat();
    for (kind, data) in [(b"IHDR", header), (b"PLTE", PALETTE.to_vec()), (b"IDAT", zlib(&rows())), (b"IEND", vec![])] {
        chunk(&mut png, *kind, &data);
    }
    png
}

/// Every row begins with its filter: none.
fn rows() -> Vec<u8> {
    let row = |y: u32| std::iter::once(0).chain((0..WIDTH).map(move |x| colour(x, y)));
    (0..HEIGHT).flat_map(row).collect()
}

fn colour(x: u32, y: u32) -> u8 {
    let is_case = !(6..WIDTH - 6).contains(&x) || !(6..HEIGHT - 10).contains(&y);
    let (across, down) = (x.abs_diff(62), y.abs_diff(30));
    match (is_case, across * across + 2 * down * down < 160) {
        (true, _) => 0,
        (false, true) => 2,
        (false, false) => 1,
    }
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let body = [&kind[..], data].concat();
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    png.extend(&body);
    png.extend(crc32(&body).to_be_bytes());
}

/// Stored, not compressed.
fn zlib(data: &[u8]) -> Vec<u8> {
    const BLOCK_BYTES_MAX: usize = 0xffff;
    let mut stream = vec![0x78, 0x01];
    let mut blocks = data.chunks(BLOCK_BYTES_MAX).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or_default();
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(data).to_be_bytes());
    stream
}

fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !data.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_standards() {
        assert_eq!((crc32(b"123456789"), adler32(b"Wikipedia")), (0xcbf4_3926, 0x11e6_0398));
    }

    #[test]
    fn the_picture_is_a_small_png() {
        let png = picture();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"));
        assert!(png.ends_with(b"IEND\xae\x42\x60\x82"));
        assert!(png.len() < 8 * 1024, "{}", png.len());
    }
}
