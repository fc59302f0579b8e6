"""The two small primes of resPQ, whose product a client has to factorise."""

from collections.abc import Callable

# Miller-Rabin with these bases is exact below 3,317,044,064,679,887,385,961,981 (Sorenson, Webster 2015)
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)


def is_prime(number: int) -> bool:
    """Exact for every number below 2**81."""
    if number < 2 or any(number % base == 0 for base in _BASES):
        return number in _BASES
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd=odd, twos=twos) for base in _BASES)


def _passes(number: int, base: int, *, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def random_prime(bits: int, random: Callable[[int], bytes]) -> int:
    """A prime of exactly `bits` bits, drawn from random(n)."""
    top = 1 << (bits - 1)
    while True:
        number = int.from_bytes(random((bits + 7) // 8), "big") & (top - 1) | top | 1
        if is_prime(number):
            return number
