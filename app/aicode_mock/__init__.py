"""A self-hosted twin of Cursor's AI Code Tracking API."""

__version__ = "0.1.0"
