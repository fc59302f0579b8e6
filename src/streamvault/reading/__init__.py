"""Bytes of a file in order, from whatever source; knows neither HTTP nor Telegram."""
