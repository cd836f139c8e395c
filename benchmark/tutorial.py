"""What tutorials on threads in Python show: ten threads, requests, BeautifulSoup, and titles on stdout.

Usage: tutorial.py FILE-OF-URLS
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import requests
from bs4 import BeautifulSoup


def title_of(url):
    response = requests.get(url, timeout=30)
    response.raise_for_status()
    page = BeautifulSoup(response.text, "html.parser")
    return page.title.string if page.title else None


with open(sys.argv[1], encoding="utf-8") as lines:
    urls = lines.read().split()

with ThreadPoolExecutor(max_workers=10) as threads:
    for url, title in zip(urls, threads.map(title_of, urls)):
        print(url, title)
