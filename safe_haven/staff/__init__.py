"""What staff of the regional offices may open, and what they may not."""
