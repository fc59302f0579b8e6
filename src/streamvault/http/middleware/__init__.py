"""What every request passes before a route, outermost first.

token_path (TokenPath) > forwarded (ForwardedHeaders) > private_answers (PrivateAnswers) > cors (Cors) > problems
(ProblemMiddleware) > request_limits (RequestLimits) > readiness (ReadinessGate) > same_origin (OriginCheck) > refusals
(Refusals) > access (AccessCheck) > rate_limits (RateLimits) > routes. The order is set in http/app.py.
"""
